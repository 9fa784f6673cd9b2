// The conformance suite on the calling thread alone.

import * as groups from "./groups/index.ts";
import { conform } from "./support.ts";

conform("one", Object.values(groups));
