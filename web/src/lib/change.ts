// A difference as a figure, for those who draw one.
import type { Change, Figure } from "./figure";

export const figureOfChange = (c: Change | null | undefined, n: number, why?: string | null): Figure => ({ value: c?.diff ?? null, lo: c?.lo ?? null, hi: c?.hi ?? null, n, method: c?.method ?? "", state: c?.diff == null ? "none" : "ok", why });
