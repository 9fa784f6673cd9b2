export { Canceller, Context } from "./context.ts";
