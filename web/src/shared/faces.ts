// The faces: where each lives, and for whom it is.
import type { Role } from './session'

export type FaceName = 'console' | 'board' | 'audit' | 'phone' | 'admin'
export const FACES: Record<FaceName, { path: string; roles: Role[]; visitors?: Role[] }> = {
  console: { path: '/ui/console', roles: ['operator'] },
  board: { path: '/ui/board', roles: ['supervisor', 'operator', 'auditor', 'administrator'] },
  audit: { path: '/ui/audit', roles: ['auditor', 'supervisor'], visitors: ['operator'] },
  phone: { path: '/m/', roles: ['worker'] },
  admin: { path: '/ui/admin', roles: ['administrator'] },
}

const FIRST: Record<Role, FaceName> = {
  operator: 'console',
  supervisor: 'board',
  auditor: 'audit',
  worker: 'phone',
  administrator: 'admin',
}

/** Return the face on which a role begins its day. */
export function firstFace(role: Role): FaceName {
  return FIRST[role]
}

/** Whether a role may open a face: as one of its own, or from another one that leads there, as the board does to publishing. */
export function mayOpen(role: Role, name: FaceName): boolean {
  const { roles, visitors = [] } = FACES[name]
  return roles.includes(role) || visitors.includes(role)
}

/** Whether a role is offered to put figures on record as published; the service decides. */
export function mayPublish(role: Role): boolean {
  return role === 'supervisor' || role === 'operator'
}

/** Return the faces that a role is led to. */
export function facesOf(role: Role): FaceName[] {
  return (Object.keys(FACES) as FaceName[]).filter((name) => FACES[name].roles.includes(role))
}
