export { type SelectCase, type SelectCases, type Selected, type SelectOptions, select, selectSync, trySelect } from "./select.ts";
