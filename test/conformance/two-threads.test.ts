// The conformance suite with light tasks on two threads.

import * as groups from "./groups/index.ts";
import { conform } from "./support.ts";

conform("two", Object.values(groups));
