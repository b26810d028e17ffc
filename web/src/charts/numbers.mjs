// Stands in for d3-interpolate and d3-format within d3-scale (web/build.mjs): our scales map numbers to places, so mixing
// colours and writing numbers, four fifths of what would come along, stay out.
export const interpolateNumber = (a, b) => ((a = +a), (b = +b), (t) => a * (1 - t) + b * t);
export const interpolateRound = (a, b) => ((a = +a), (b = +b), (t) => Math.round(a * (1 - t) + b * t));
export const interpolate = interpolateNumber;
export const piecewise = () => nothing();
const nothing = () => {
    throw new Error("numbers are written by lib/figure.ts");
};
export const format = nothing;
export const formatPrefix = nothing;
export const formatSpecifier = nothing;
export const precisionFixed = nothing;
export const precisionPrefix = nothing;
export const precisionRound = nothing;
