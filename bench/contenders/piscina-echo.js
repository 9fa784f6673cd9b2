/**
 * Echo: the task of the piscina contender. JavaScript, so that it runs the same from the sources and from the build.
 */
export default function echo(value) {
  return value;
}
