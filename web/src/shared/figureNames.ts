// What figures, plain numbers and their groups are called: the same on the board and wherever else they are told.
import { locale, say } from '@/shared/i18n'
import RATES from '@/shared/i18n/figures.json'

type Named = Record<string, readonly string[]>
const GROUPS: Named = { tasks: ['任务', 'Tasks'], cases: ['事件', 'Cases'], disputes: ['矛盾纠纷', 'Disputes'], service: ['走访与服务', 'Visits and services'] }
/** By the API's names; what is called otherwise in one group stands under its whole name. */
const COUNTS: Named = {
  issued: ['下发（不含撤销）', 'Issued, not cancelled'], open: ['在办', 'Open'], overdue: ['超期未办结', 'Overdue and open'], suspended: ['挂账', 'Suspended'], cancelled: ['撤销', 'Cancelled'], closed: ['办结', 'Closed'], escalated: ['督办过', 'Escalated'],
  reported: ['上报（不含并案、作废）', 'Reported, not merged or voided'], self_handled: ['自处置', 'Self-handled'], reopened: ['重办', 'Reopened'], merged: ['并案', 'Merged'], reported_online: ['线上上报（不含并案、作废）', 'Reported online, not merged or voided'],
  accepted: ['受理', 'Accepted'], registered: ['立案', 'Registered'], refused: ['不予受理', 'Refused'], not_registered: ['不予立案', 'Not registered'], voided: ['作废', 'Voided'],
  mediated: ['调解', 'Mediated'], struck_off: ['销号', 'Struck off'], major_joint: ['重大联调', 'Major, jointly'], resolved: ['化解', 'Resolved'], 'disputes.registered': ['入账', 'In the ledger'],
  decided: ['双公示', 'Permits'], faulted: ['不合规', 'Not compliant'], due: ['应报送', 'Due to be reported'], 'permits.reported': ['报送', 'Reported'], in_time: ['及时报送', 'Reported in time'],
  compliant: ['合规', 'Compliant'], corrected: ['修正', 'Corrected'],
}
/** How many came to a step of the ladder is called as the step is. */
const STEPS: Record<string, string> = { notices: 'notice', reminders: 'reminder', yellow_cards: 'yellow_card', red_cards: 'red_card', to_commander: 'commander', to_district: 'district' }

const said = (words: readonly string[] | undefined, otherwise: string): string => words?.[locale() === 'en' ? 1 : 0] ?? otherwise

/** What a group of the board's is called; nothing for none of them. */
export const groupName = (group: string): string => said(GROUPS[group], group)
/** What a rate is called, or a plain number such as `tasks.open` within its group. */
export function figureName(name: string): string {
  const [, count] = name.split('.')
  if (count === undefined) return said((RATES as Named)[name], name)
  return STEPS[count] ? say(`escalation.${STEPS[count]}`) : said(COUNTS[name] ?? COUNTS[count], count.replaceAll('_', ' '))
}
