// Which tasks the worker's list asks for.

/** More than anybody has to do at once. */
const PAGE = 200

/** What is the worker's own, and what anybody in his grids may accept. */
export function questions(member: string | null, after: number) {
  const query = { open: true, sort: 'due' as const, limit: PAGE, after }
  const free = { ...query, unassigned: true, status: ['issued' as const] }
  return member === null ? [free] : [{ ...query, assignee: member }, free]
}
