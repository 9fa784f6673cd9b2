// The API reference's pages: which names stand together, by where they are declared, and in what order.

/** The first whose paths match has it. */
export const GROUPS = [
  { id: "pool", title: "Pool", match: /^src\/workers\/pool\// },
  { id: "services", title: "Services and supervision", match: /^src\/workers\/(service|supervision)\// },
  { id: "seeing", title: "Seeing", match: /^src\/workers\/(seeing\/|leftovers)/ },
  { id: "runtime", title: "Runtime and tasks", match: /^src\/workers\// },
  { id: "patterns", title: "Patterns", match: /^src\/patterns\// },
  { id: "channels", title: "Channels and codecs", match: /^src\/runtime\/channel\// },
  { id: "select", title: "Select and timers", match: /^src\/runtime\/(select\/|timers)/ },
  { id: "context", title: "Contexts and waits", match: /^src\/runtime\/(context\/|deadline)/ },
  { id: "sync", title: "Sync", match: /^src\/runtime\/sync\// },
  { id: "leased-queue", title: "Leased queues", match: /^src\/runtime\/lease\// },
  { id: "interop", title: "Streams and events", match: /^src\/runtime\/interop\// },
  { id: "errors", title: "Errors and memory", match: /^src\/runtime\// },
];

const ORDER = [
  "runtime",
  "channels",
  "select",
  "context",
  "sync",
  "pool",
  "leased-queue",
  "services",
  "patterns",
  "seeing",
  "interop",
  "errors",
];

/** Groups with their entries. Throws for a name that belongs nowhere. */
export function grouped(entries) {
  const groups = ORDER.map((id) => ({ ...GROUPS.find((group) => group.id === id), entries: [] }));
  for (const entry of entries) {
    const id = GROUPS.find(({ match }) => match.test(entry.file))?.id;
    const group = groups.find((one) => one.id === id);
    if (!group) throw new Error(`${entry.name} (${entry.file}) belongs to no page of the reference: scripts/docs/groups.js`);
    group.entries.push(entry);
  }
  return groups;
}
