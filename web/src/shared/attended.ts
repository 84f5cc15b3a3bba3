// Whether somebody is at the page: what it asks by itself must not keep the session of whoever has gone alive.

/** ms that one is taken to be there after the last sign of it; the service knows the last use to half a minute. */
const PRESENT = 60_000
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'scroll'] as const

let last = performance.now()
for (const sign of SIGNS) addEventListener(sign, () => (last = performance.now()), { capture: true, passive: true })

/** A wall is looked at and not touched: whoever hung it up there left it signed in, for as long as a session may last. */
const attended = (): boolean => performance.now() - last < PRESENT || document.documentElement.classList.contains('kiosk')

/** Return the request; where nobody is at the page it says so. */
export function unattended(request: Request): Request {
  if (!attended()) request.headers.set('dispatch-unattended', '1')
  return request
}
