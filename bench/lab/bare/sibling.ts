/**
 * Sibling: the address of a module beside the asking one, with the ending of the form that runs: `.ts` from the
 * sources, `.js` from the build. (A bare Worker is given an address; the compiler rewrites imports, not strings.)
 */
export function sibling(name: string, importer: string): URL {
  const ending = new URL(importer).pathname.endsWith(".ts") ? ".ts" : ".js";
  return new URL(`./${name}${ending}`, importer);
}
