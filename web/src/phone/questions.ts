// Which tasks and cases the worker's list asks for.

/** More than anybody has to do at once. */
const PAGE = 200

/** What is the worker's own, and what anybody in his grids may accept. */
export function questions(member: string | null, after: number) {
  const query = { open: true, sort: 'due' as const, limit: PAGE, after }
  const free = { ...query, unassigned: true, status: ['issued' as const] }
  return member === null ? [free] : [{ ...query, assignee: member }, free]
}

/** The cases that were given to the worker, those that anybody in his grids may begin, and those that he was named to check. */
export function caseQuestions(member: string | null, after: number) {
  const query = { open: true, limit: PAGE, after }
  const free = { ...query, unassigned: true, status: ['dispatched' as const] }
  const toCheck = { ...query, status: ['checking' as const], check_passed: false }
  return member === null ? [free] : [{ ...query, assignee: member }, free, { ...toCheck, checker: member }]
}
