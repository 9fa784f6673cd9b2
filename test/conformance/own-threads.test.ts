// The conformance suite with tasks that block threads of their own.

import * as groups from "./groups/index.ts";
import { conform } from "./support.ts";

conform("own", Object.values(groups));
