// The entry of every thread under the controller, in JavaScript because Node 20 cannot start a thread from TypeScript.

if (!process.features.typescript) {
  const { register } = await import("tsx/esm/api");
  register();
}
await import("./participant.ts");
