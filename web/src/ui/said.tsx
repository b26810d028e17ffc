// What the server said, in the reader's language; English, and marked so, where it is not known in that.
import { said } from "../lib/said";

export function Said({ text }: { text: string | null | undefined }) {
    if (!text) return null;
    const here = said(text);
    return here === null ? <bdi lang="en">{text}</bdi> : <>{here}</>;
}
