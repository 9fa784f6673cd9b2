// What the pool's threads do.

export { render } from "./render.ts";
export { resize } from "./resize.ts";
