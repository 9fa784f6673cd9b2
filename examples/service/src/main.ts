// Starts the service; SIGTERM or SIGINT stops it, with the answers of all requests under way and exit code 0.

import { buildServer } from "./server.ts";
import { type Settings, settingsOf } from "./settings.ts";
import { openWork } from "./work.ts";

function given(): Settings {
  try {
    return settingsOf(process.argv.slice(2), process.env);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}

const settings = given();
const app = buildServer(await openWork(settings), settings);
for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => void app.close());
await app.listen(settings);
console.log(`listening on ${app.listeningOrigin}`);
