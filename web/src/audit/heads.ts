// What a field is called in one read model, where its name alone would say something else there, in Chinese and in English.

type Words = Record<string, [string, string]>

/** Of what tasks and cases have in common, each has its own words. */
const ITEM: Words = {
  since: ['现状态自', 'In this status since'], started_at: ['开始办理时间', 'Begun at'], level: ['调解层级', 'Level of mediation'], merged: ['并入本件的事件', 'Merged into it'],
  step_at: ['下一步督办计划于', 'Next step planned for'], next_step_at: ['下次查看', 'Looked at again'],
}
/** Sets of which a tally says how many of them there are. */
const SETS: Words = {
  span: ['期间', 'Span'], grid: ['网格', 'Grid'], cohort: ['按何时计', 'Counted by'], category: ['类别', 'Category'], source: ['来源', 'Source'], handled: ['已处置', 'Handled'], handled_on_time: ['按期处置', 'Handled on time'],
  handled_once: ['处置过', 'Handled at least once'], reworked: ['返工', 'Reworked'], should_have_closed: ['应结案', 'Should have closed'], unit_closed: ['应结案中已结', 'Closed of those'], closed_on_time: ['按期结案', 'Closed on time'],
  closed: ['办结', 'Closed'], overdue: ['超期', 'Overdue'], lapsed: ['期限已过', 'Past the limit'], open: ['在办', 'Open'], suspended: ['挂账', 'Suspended'], escalated: ['督办过', 'Escalated'], notice: ['提醒', 'Notice'],
  reminder: ['催办', 'Reminder'], yellow_card: ['黄牌', 'Yellow card'], red_card: ['红牌', 'Red card'], commander: ['指挥长', 'Commander'], district: ['区级', 'District'],
}
export const HEADS: Record<string, Words> = {
  'command.refused': { code: ['原因', 'Why'] },
  towns: { since: ['设立时间', 'Founded at'] },
  grids: { closed_at: ['撤销时间', 'Given up at'] },
  departments: { name: ['部门名称', 'Name'], closed_at: ['撤销时间', 'Given up at'] },
  members: { name: ['姓名', 'Name'] },
  emergencies: {
    emergency: ['编号', 'Id'], by: ['启动人', 'Entered by'], since: ['启动时间', 'Entered at'], left_at: ['解除时间', 'Left at'], left_by: ['解除人', 'Left by'], left_reason: ['解除原因', 'Reason for leaving'],
    recalculate_at: ['待重新计算自', 'To be recalculated since'], recalculated_at: ['重新计算完成时间', 'Recalculated at'],
  },
  campaigns: { tasks: ['各网格的任务', 'Task of each grid'] },
  tasks: { ...ITEM, handled_at: ['反馈时间', 'Submitted at'], first_handled_at: ['首次反馈时间', 'First submitted at'] },
  cases: {
    ...ITEM, acceptance_due: ['受理期限', 'To be accepted by'], accepted_at: ['受理时间', 'Accepted at'], handling_due: ['处置期限', 'To be handled by'], started_at: ['开始处置时间', 'Begun at'], handled_at: ['处置完成时间', 'Handled at'],
    first_handled_at: ['首次处置完成时间', 'First handled at'], number: ['台账编号', 'Number in the ledger'], before: ['中断前的状态', 'Status before the interruption'], followed_up_at: ['回访时间', 'Followed up at'],
  },
  plans: {
    tasks: ['已下发任务数', 'Tasks issued'], occurrences: ['下发过的次数', 'Times that it issued'], passed_over: ['略过次数', 'Times passed over'], missed: ['错过次数', 'Times missed'], next_at: ['下次时间', 'Next time'],
  },
  plan_occurrences: { at: ['轮到时间', 'Came round at'], passed_over: ['略过原因', 'Why passed over'], left_out: ['未含的住户', 'Households left out'] },
  households: { number: ['网格内编号', 'Number in the grid'], left_at: ['迁出时间', 'Left at'], spell: ['现时段', 'Present spell'] },
  household_numbers: { last: ['最后一个编号', 'Last number given'] },
  household_spells: { number: ['时段序号', 'Number of the spell'], first: ['首个整期', 'First whole period'], last: ['末个整期', 'Last whole period'] },
  visits: { at: ['走访时间', 'Visited at'], by: ['走访人', 'Visited by'] },
  publications: { since: ['统计期自', 'Period from'], until: ['统计期至', 'Period until'], by: ['公布人', 'Published by'], at: ['公布时间', 'Published at'] },
  accounts: {
    name: ['姓名', 'Name'], added_at: ['开设时间', 'Added at'], added_by: ['开设人', 'Added by'], second_factor: ['双重验证', 'Second factor'], linked: ['已关联统一身份', 'Linked to the provider'],
    revoked_at: ['撤销时间', 'Revoked at'], reason: ['撤销原因', 'Why revoked'],
  },
  policies: { since: ['施行自', 'In force since'], by: ['制定人', 'Set by'] },
  inbox_notices: { name: ['事项', 'What happened'], until: ['至', 'Until'], place: ['地点', 'Place'], item: ['所涉事项', 'Item'] },
  inbox_persons: { acts: ['有账号', 'Has an account'] },
  inbox_accounts: { added_at: ['开设时间', 'Added at'], own: ['已自设密码', 'Has a password of one’s own'] },
  inbox_counties: { county: ['区县', 'County'], leaders: ['领导', 'Leaders'] },
  inbox_auditors: { key: ['键', 'Key'], accounts: ['账号', 'Accounts'] },
  task_tally: { ...SETS, issued: ['下发（不含撤销）', 'Issued, not cancelled'], accepted: ['签收', 'Accepted'], accepted_in_time: ['及时签收', 'Accepted in time'], cancelled: ['撤销', 'Cancelled'] },
  case_tally: {
    ...SETS, reported: ['上报（不含并案、作废）', 'Reported, not merged or voided'], reported_online: ['线上上报（不含并案、作废）', 'Reported online, not merged or voided'], accepted: ['受理', 'Accepted'], accepted_in_time: ['及时受理', 'Accepted in time'], refused: ['不予受理', 'Refused'],
    not_registered: ['不予立案', 'Not registered'], registered: ['立案', 'Registered'], self_handled: ['自处置', 'Self-handled'], reopened: ['重办', 'Reopened'], voided: ['作废', 'Voided'], merged: ['并案', 'Merged'],
    dispute_reported: ['纠纷上报', 'Disputes reported'], dispute_accepted: ['纠纷受理', 'Disputes accepted'], dispute_registered: ['纠纷入账', 'Disputes in the ledger'], dispute_mediated: ['纠纷调解', 'Disputes mediated'],
    dispute_resolved: ['纠纷化解', 'Disputes resolved'], dispute_major_joint: ['重大联调', 'Major, jointly'], dispute_struck_off: ['纠纷销号', 'Disputes struck off'], requested: ['救助申请', 'Requests'], requested_online: ['线上救助申请', 'Requests online'],
    permit: ['双公示', 'Permits'], permit_due: ['应报送', 'Permits due'], permit_reported: ['已报送', 'Permits reported'], permit_in_time: ['及时报送', 'Permits in time'], permit_compliant: ['合规', 'Permits compliant'],
    permit_faulted: ['不合规', 'Permits not compliant'], permit_corrected: ['已修正', 'Permits corrected'],
  },
  dispute_tally: { level: ['化解层级', 'Resolved at'], resolved: ['化解', 'Resolved'], major: ['重大', 'Major'], major_joint: ['重大联调', 'Major, jointly'] },
}
