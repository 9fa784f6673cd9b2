// A native call that a thread can be held in: it says when it is inside, and returns when it is told to.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class NativeCall {
  readonly #folder = mkdtempSync(join(tmpdir(), "heddle-native-"));
  /** A file that is there once a thread is inside. */
  readonly entered = join(this.#folder, "entered");
  /** A file that makes the call return. */
  readonly leave = join(this.#folder, "leave");

  get isInside(): boolean {
    return existsSync(this.entered);
  }

  end(): void {
    writeFileSync(this.leave, "");
  }

  remove(): void {
    this.end();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
