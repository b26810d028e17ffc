// All charts in one file of their own, fetched by the first page that draws.
export { BarsChart } from "./bars";
export { CohortChart } from "./cohorts";
export { ConcentrationChart } from "./curve";
export { DaysChart } from "./days";
export { DotsChart } from "./dots";
export { LineChart } from "./line";
export { QuantileChart } from "./quantile";
export { SurvivalChart } from "./survival";
export { WeeksChart } from "./weeks";
