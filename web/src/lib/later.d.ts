declare module "*?later" {
    const words: Record<string, string>;
    export default words;
}
declare module "*?said" {
    const pairs: [string, string][];
    export default pairs;
}
