// The entry of every thread, in JavaScript because Node 20 cannot start a thread from TypeScript. Loads thread-main, with tsx where the sources are
// TypeScript and this Node does not strip types by itself.

export default async function bootstrap(order) {
  if (order.main.endsWith(".ts") && !process.features.typescript) {
    const { register } = await import("tsx/esm/api");
    register();
  }
  const { start } = await import(order.main);
  return start(order);
}
