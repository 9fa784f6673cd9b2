// Door: a live object as its own thread shows it to comlink. What is thrown behind it leaves as bytes of the wire, so that it arrives whole.

import { Wire } from "../../runtime/channel/index.ts";
import { HeddleError } from "../../runtime/errors.ts";
import type { Thread } from "../../runtime/memory/thread.ts";

type Step = string | symbol;

/**
 * Comlink walks to a place by its properties and then calls, sets or awaits it. It calls by `place.apply(parent, args)` and awaits by `place.then(…)`; so a
 * direct call of a place whose last step is `apply` or `then` means that, and one more step of that name is a step.
 */
export function doorOf(target: object, thread: Thread, path: readonly Step[] = []): object {
  const encoded = (error: unknown) => Wire.of(thread).encodeError(error).slice();
  const whole = async (run: () => unknown) => {
    try {
      return await run();
    } catch (error) {
      throw encoded(error);
    }
  };
  const at = (steps: readonly Step[]) => steps.reduce<unknown>((of, step) => (of as Record<Step, unknown>)[step], target);
  const called = path.slice(0, -1);
  return new Proxy(place, {
    get: (_, step) => doorOf(target, thread, [...path, step]),
    set: (_, step, value) => Reflect.set(at(path) as object, step, value),
    construct: () => {
      throw encoded(
        new HeddleError(
          "ERR_NO_FUNCTION",
          "expected a function to call: what is constructed stays on its thread, so export one that does it",
        ),
      );
    },
    apply: (_, __, args: [unknown, unknown]) => {
      if (path.at(-1) === "then") return whole(() => at(called)).then(...(args as [() => void, () => void]));
      return whole(() => Reflect.apply(at(called) as () => unknown, at(called.slice(0, -1)), args[1] as unknown[]));
    },
  });
}

/** What a proxy that can be called and constructed stands for. */
function place(): void {}
