/**
 * Echo: what the pools call. JavaScript, so that it runs the same from the sources and from the build.
 */
export default function echo(value) {
  return value;
}

export { echo };
