/** Jobs that are changed at the same time. */
const PARALLEL = 4;

/** Does something to each, a few at a time; how many it was done to, and the errors of the others. */
export async function oneByOne(items, action) {
  const waiting = [...items].reverse();
  const refused = [];
  await Promise.all(Array.from({ length: PARALLEL }, async () => {
    while (waiting.length) await action(waiting.pop()).catch((error) => refused.push(error));
  }));
  return { done: items.length - refused.length, refused };
}
