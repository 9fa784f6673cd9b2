/**
 * On thread: what every thread of a recorded run imports first. Its doors are watched from then on, and tasks bring their tickets.
 */
import { getEnvironmentData } from "node:worker_threads";
import { LOG } from "./calls.ts";
import { watchDoors } from "./doors.ts";
import { Log } from "./log.ts";

watchDoors(new Log(getEnvironmentData(LOG) as SharedArrayBuffer));
