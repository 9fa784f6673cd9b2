// Starts the service; SIGTERM or SIGINT stops it, with the answers of all requests under way and exit code 0.

import { startServer } from "./server.ts";
import { type Settings, settingsOf } from "./settings.ts";

function settings(): Settings {
  try {
    return settingsOf(process.argv.slice(2), process.env);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}

const app = await startServer(settings());
console.log(`listening on ${app.listeningOrigin}`);
for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => void app.close());
