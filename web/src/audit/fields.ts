// What the fields of events and read models are called, and their values as people read them.
import { moment, number, shortKey } from '@/shared/format'
import { known, locale, say } from '@/shared/i18n'
import attempts from './attempts.json'
import { HEADS } from './heads'
import { toBase64 } from './proofs/bytes'

/** In Chinese; in English a field's own name is words already. */
const FIELDS: Record<string, string> = {
  acceptance: '签收时限', acceptance_due: '签收期限', acceptance_limit: '签收时限', acceptance_rule: '签收规则', accepted_at: '签收时间', account: '账号', amount: '数量', due: '期限', limit: '时限', started: '开始', steps: '督办步骤', address: '地址', addresses: '地址', agreed_level: '达成协议层级',
  answered: '答复摘要', appealed_at: '申诉时间', appellant: '申诉人', applicant: '申请人', as_of: '截至', assignee: '责任人', at: '发生时间', before: '此前状态', boundary: '边界', by: '操作人',
  bound: '已绑定', by_other: '由他人更改', calendar: '日历版本', campaign: '批次', case: '事件', category: '类别', channel: '渠道', channels: '通知渠道', check_passed: '核查通过', checker: '核查人', clocked: '计时中', closed_at: '办结时间', code: '代码',
  command: '指令', compliant: '合规', corrected_at: '修正时间', credential: '凭据', department: '部门', description: '描述', detail: '详情', dispatched_at: '派遣时间', dispute_kind: '纠纷类型',
  drawn_at: '划定时间', due_at: '期限', duty: '职责', emergency: '应急', escalated_at: '督办时间', escalation_answered_at: '督办回应时间', escalation_level: '督办级别', escalations: '督办次数',
  erased: '已永久删除', error: '错误', every: '走访间隔', evidence: '佐证', expires_at: '有效至', extension_requested_at: '申请延期时间', extensions: '延期次数', factor: '双重验证', failures: '失败次数', faulted_at: '判定不合规时间', figures: '指标',
  finding: '认定', held: '日志记录数', size: '已签记录数', first: '自', first_handled_at: '首次办结时间', followed_up_at: '回访时间', genuine: '属实', grade: '等级', grave: '严重', grid: '网格', handled_at: '办结时间', handling: '办理时限', handling_due: '办理期限',
  handling_started: '开始计时', holder: '持有人', household: '住户', household_class: '住户类别', households: '住户', id: '编号', identity: '统一身份', ids: '编号', inbox: '收件箱', instructions: '要求', into: '并入',
  issued_at: '下发时间', issued_by: '下发人', item: '事项', joint: '村镇联合', jointly_with: '联合', kept: '保留', kind: '种类', known_at: '已知至位置', lapses_at: '超期时刻', last: '至', last_planned_at: '上次计划时间',
  last_visited_at: '上次走访', late_factor: '超时倍数', latitude: '纬度', left_at: '结束时间', left_by: '结束人', left_out: '未含', left_reason: '结束原因', level: '层级', levels: '各级督办', limit_amount: '时限', limit_kind: '时限种类', locked_until: '锁定至',
  longitude: '经度', major: '重大', mediated_at: '调解时间', mediator: '调解员', member: '人员', merged: '已并入', merged_into: '并入', method: '方式', missed: '错过次数', missed_from: '错过起点', name: '名称', next_at: '下次时间', next_step_at: '下一步督办',
  not_met: '未达要求', note: '说明', number: '号', numbers: '数字', occurrences: '已轮到次数', others: '其他', owner: '所有者', passed_over: '略过', pauses: '暂停的计划', person: '人员', persons: '告知人员', place: '地点', places: '地点', plan: '计划', planned_at: '计划时间',
  policy: '政策', position: '日志位置', post: '岗位', postings: '岗位安排', posts: '岗位', promised_at: '承诺时间', published_at: '报送时间', quiet: '免打扰', reason: '原因', recalculate_at: '重新计算于', recalculated_at: '已重新计算', recalculates: '重新计算的类别',
  recorded_at: '记录时间', reference: '参考编号', refused: '被拒绝的请求', registered_at: '立案时间', reopenings: '重办次数', reported_at: '上报时间', reported_by: '上报人', reported_in: '上报网格', reporter: '反映人', reporting: '报送', resolved_at: '化解时间', reworks: '返工次数',
  role: '角色', roles: '角色', rule: '规则', satisfied: '满意', scope: '范围', session: '会话', settled: '已了结', severity: '等级', since: '自', source: '来源', span: '期间', spell: '时段', started_at: '开始时间', started_by: '建立人', status: '状态', step: '步骤', step_at: '步骤时间',
  struck_off_at: '销号时间', survivor: '保留的事件', suspended_from: '挂账自', suspended_until: '挂账至', task: '任务', tasks: '任务', temporary: '临时密码', terms: '约定', through: '读至', title: '标题', to: '至', token: '令牌', told: '已告知', town: '镇', until: '至',
  actors: '账号', assign_to: '派给岗位', at_once: '立即督办的等级', case_limits: '事件时限', checkpoint: '检查点', classes: '住户类别', count: '次数', day: '日期', days: '日', days_off: '休息日', digest: '摘要', digests: '摘要',
  emergency_case_limits: '急时事件时限', emergency_task_limits: '急时任务时限', ends: '结束于', events: '记录数', factors: '双重验证', first_at: '首次', former: '此前密钥', found: '找到', grids: '网格', ground: '依据', households_in_task: '每项任务的住户数', hurried: '加急',
  identity_number: '身份证号', keys: '密钥', ladder: '督办阶梯', passwords: '密码', recovery_codes: '恢复码', last_at: '末次', mediation_levels: '调解层级', months: '月份', on: '哪些日子', pauses_in_emergency: '急时暂停', present: '现用密钥', purpose: '目的', report_limit: '报送时限', route: '请求', routes: '巡逻路线', schedule: '日程',
  sha256: 'SHA-256', share: '时限的倍数', sm3: 'SM3', start: '开始', starts: '开始于', subject: '对象', suspensions: '可挂账次数', targets: '对象', task_limits: '任务时限', telephone: '电话', times: '时刻', weekdays: '星期', workdays: '调休上班日', working_time: '工作时间',
  accepted: '受理', closed: '办结', cohort: '归属', issued: '下发', reported: '上报', resolved: '化解', registered: '立案',
  beyond: '事项未列出的次数', items: '事项', request_id: '首个请求编号', sessions: '会话', tokens: '令牌',
  upheld: '维持', urgent: '紧急', version: '版本', village: '村居', visit_due: '走访期限', visits: '走访次数', waiting_since: '停表自', why: '原因',
}
const TABLES: Record<string, [string, string]> = {
  towns: ['镇', 'Towns'], grids: ['网格', 'Grids'], departments: ['部门', 'Departments'], members: ['人员', 'Members'], emergencies: ['平急状态', 'Emergencies'],
  campaigns: ['批次', 'Campaigns'], tasks: ['任务', 'Tasks'], cases: ['事件', 'Cases'], plans: ['周期计划', 'Plans'], plan_occurrences: ['计划的每次', 'Occurrences of plans'],
  households: ['住户', 'Households'], household_numbers: ['住户编号', 'Numbers of households'], household_spells: ['住户走访时段', 'Spells of households'], visits: ['走访', 'Visits'], publications: ['已公布的数字', 'Publications'],
  accounts: ['账号', 'Accounts'], policies: ['政策', 'Policies'],
  inbox_notices: ['消息', 'Notices'], inbox_readers: ['已读到', 'Read up to'], inbox_read: ['已读', 'Read notices'], inbox_items: ['消息所涉事项', 'Items of notices'],
  inbox_persons: ['消息的人员', 'Persons of notices'], inbox_places: ['消息的岗位', 'Posts of notices'], inbox_counties: ['消息的区县', 'Counties of notices'],
  inbox_leaders: ['消息的领导', 'Leaders of notices'], inbox_auditors: ['消息的审计', 'Auditors of notices'], inbox_accounts: ['消息的账号', 'Accounts of notices'], task_tally: ['任务合计', 'Tally of tasks'], case_tally: ['事件合计', 'Tally of cases'], dispute_tally: ['纠纷合计', 'Tally of disputes'],
}
export const TABLE_NAMES = Object.keys(TABLES)
interface Came {
  source: string
  session?: string | null
  token?: string | null
}
const KINDS: Record<string, [string, string]> = {
  dispute: ['纠纷', 'Dispute'], permit: ['双公示', 'Permit'], member: ['人员', 'Member'], grid: ['网格', 'Grid'], department: ['部门', 'Department'], checkpoint: ['检查点', 'Checkpoint'], digest: ['每日摘要', 'Digest'], figures: ['公布', 'Figures'],
  account: ['账号', 'Account'], campaign: ['批次', 'Campaign'], case: ['事件', 'Case'], command: ['指令', 'Command'], household: ['住户', 'Household'], inbox: ['收件箱', 'Inbox'], ledger: ['台账', 'Ledger'], mode: ['平急', 'Mode'],
  personal: ['个人信息', 'Personal data'], plan: ['计划', 'Plan'], policy: ['政策', 'Policy'], powers: ['权限', 'Powers'], publication: ['公布', 'Publication'], recipient: ['通知渠道', 'Channels'],
  refusals: ['拒绝记录', 'Refusals'], task: ['任务', 'Task'], town: ['镇', 'Town'],
}
export const KIND_NAMES = Object.keys(KINDS)
const SOURCES: Record<string, [string, string]> = { http: ['网页或程序接口', 'Page or API'], timer: ['定时', 'Timer'], cli: ['命令行', 'Command line'], import: ['导入', 'Import'], service: ['服务', 'Service'] }
export const SOURCE_NAMES = Object.keys(SOURCES)
const WAYS: Record<string, [string, string]> = { page: ['网页', 'Page'], program: ['程序接口', 'API'] }
const SEALED = 'sealed:'
/** What is longer opens on request. */
export const LONGEST = 400

/** What a command does and why it was refused, by its name and the refusal's code: written by scripts/golden. */
const ATTEMPTS: Record<string, string[]> = attempts

function both(words: Record<string, string[]>, name: string): string {
  return words[name]?.[locale() === 'en' ? 1 : 0] ?? name
}
export const tableName = (name: string): string => both(TABLES, name)
export const kindName = (name: string): string => both(KINDS, name)
export const sourceName = (name: string): string => both(SOURCES, name)
/** By which way something came; over HTTP, people have a session and programs a token. */
export function wayOf({ source, session, token }: Came): string {
  const over = source === 'http' ? (session ? 'page' : token ? 'program' : '') : ''
  return over ? both(WAYS, over) : sourceName(source)
}
/** What a field is called, of a read model where it is of one. */
export function fieldName(name: string, table = ''): string {
  const head = HEADS[table]?.[name]
  if (head !== undefined) return head[locale() === 'en' ? 1 : 0]
  const words = name.replaceAll('_', ' ')
  return locale() === 'en' ? words.charAt(0).toUpperCase() + words.slice(1) : (FIELDS[name] ?? words)
}

/** How an event's own fields are called where it says how it came to be. */
const FACTS: Record<string, string> = {
  at: 'happened', recorded_at: 'recorded', device_at: 'device', stream: 'item', request_id: 'request', command_id: 'command', correlation_id: 'correlation', causation_id: 'causation', name: 'type',
}
/** Name parts of an event, such as `recorded_at` or, of its content, `data.title`. */
export function partsNamed(parts: string[]): string {
  const named = parts.map((part) => {
    const [data, field] = part.split('data.')
    const fact = `audit.fact.${FACTS[part] ?? part}`
    return data === '' && field ? fieldName(field) : known(fact) ? say(fact) : fieldName(part)
  })
  return [...new Set(named)].join(locale() === 'en' ? ', ' : '、')
}

/** Values that mean the same wherever they stand. */
const VALUES: Record<string, string> = {
  working_hours: '工作小时', working_days: '工作日', clock_hours: '小时', calendar_days: '自然日', notice: '提醒', reminder: '催办', yellow_card: '黄牌', red_card: '红牌', commander: '指挥长',
  online: '线上', in_person: '当面', phone: '电话', letter: '信函', device: '设备', paper: '书面', every: '每天', working: '工作日', off: '休息日', week: '每周', month: '每月', quarter: '每季度', courtyard: '院落', village: '村居', town: '镇', running: '进行中',
  family: '家庭', neighbours: '邻里', land: '土地', housing: '住房', debt: '债务', labour: '劳资', injury: '伤害赔偿', other: '其他', patrol: '巡逻', mediator: '调解员', legal_guide: '法律明白人', party_member: '党员', volunteer: '志愿者',
  request: '本人要求', consent_withdrawn: '撤回同意', purpose_fulfilled: '目的已实现', retention_ended: '保存期限已满', unlawful: '违法处理', handling: '办理', contact: '联系', follow_up: '回访', emergency: '急时', nobody_to_ask: '无人可问', full_time: '专职网格员', part_time: '兼职网格员',
  district: '区级', assignee: '责任人', leader: '分管领导', chief: '网格长', instructor: '网格指导员', high_risk: '高风险', key: '重点', general: '一般', active: '有效', 'dissatisfied at follow-up': '回访不满意', idle: '长时间无操作', superseded: '另有新的登录', 'signed out': '本人退出', 'signed in anew': '本人重新登录',
  'signed out everywhere': '本人退出全部会话', 'ended by an administrator': '管理员终止', ended: '已终止', paused: '已暂停', password: '密码', shorter: '日志比检查点短', other_events: '日志与检查点不符', other_log: '检查点属于另一日志', other_key: '检查点由另一密钥签署', unreadable: '检查点无法读取', directory: '目录', endpoint: '接口',
}
const WORDS: Record<string, string[]> = {
  status: ['taskStatus', 'caseStatus'], pauses: ['category'], recalculates: ['category'], classes: [], assign_to: ['post'], posts: ['post'], roles: ['post', 'role'], to: ['post'], at_once: ['severity'], category: ['category'], source: ['source'], severity: ['severity'], post: ['post'], role: ['role'], grade: ['severity'],
}

/** What members' ids and the codes of places stand for, where the reader may see it. */
export interface Names {
  people: ReadonlyMap<string, string>
  places: ReadonlyMap<string, string>
}
export const NAMELESS: Names = { people: new Map(), places: new Map() }
const OF_PLACES = /^(grid|grids|scope|places?|reported_in|town)$/
const OF_PEOPLE = /^(assignee|checker|mediator|member|persons?|by|\w+_by)$/

/** How long something may take: 2 working hours. */
function limitOf(value: object): string | undefined {
  const { kind, amount, ...more } = value as { kind?: unknown; amount?: unknown }
  if (typeof kind !== 'string' || typeof amount !== 'number' || Object.keys(more).length > 0) return undefined
  return say(`limitOf.${kind}`, { n: number(amount) })
}

/** A step of a clock, which the log holds as an array: what, when, at which share of the limit, for whom. */
function stepOf(name: string, value: object, names: Names): string | undefined {
  if (name !== 'steps' || !Array.isArray(value) || typeof value[0] !== 'string' || value.length !== 5) return undefined
  const [, at, share, level, to] = value as [string, string, number, string, string[]]
  const used = share > 0 ? say('audit.ofLimit', { n: number(100 * share) }) : ''
  return say('audit.step', { level: shownValue('level', level, names), at: shownValue('at', at, names), used, to: shownValue('to', to, names) })
}

/** A value in words: times of Shanghai, statuses, categories and people by name, places by name and code, sealed texts as such. */
export function shownValue(name: string, value: unknown, names = NAMELESS): string {
  if (value === null || value === undefined || value === '') return '—'
  if (typeof value === 'boolean') return say(value ? 'audit.yes' : 'audit.no')
  if (typeof value === 'number') return number(value)
  if (typeof value === 'string') {
    if (value.startsWith(SEALED)) return say('audit.sealed')
    // A digest's roots stand in hex in the log, and are read beside a checkpoint's.
    if ((name === 'sha256' || name === 'sm3') && /^[0-9a-f]{64}$/.test(value)) return toBase64(Uint8Array.from(value.match(/../g) ?? [], (byte) => parseInt(byte, 16)))
    if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value)) return moment(value)
    // A code of a place is no refusal's.
    if ((name === 'command' || name === 'code') && ATTEMPTS[value]) return both(ATTEMPTS, value)
    if (VALUES[value]) return locale() === 'en' ? value.replaceAll('_', ' ') : VALUES[value]
    // Of what happened in a span: no status.
    if (name === 'cohort') return fieldName(value)
    const person = OF_PEOPLE.test(name) ? names.people.get(value) : undefined
    if (person !== undefined) return person
    const place = OF_PLACES.test(name) ? names.places.get(value) : undefined
    if (place !== undefined) return `${place} ${value}`
    const group = WORDS[name]?.find((one) => known(`${one}.${value}`))
    return group === undefined ? value : say(`${group}.${value}`)
  }
  const whole = limitOf(value) ?? stepOf(name, value, names)
  if (whole !== undefined) return whole
  const listed = (values: unknown[]): string => values.map((one) => shownValue(name, one, names)).join(values.some((one) => typeof one === 'object') ? '\n' : locale() === 'en' ? ', ' : '、')
  const text = Array.isArray(value)
    ? listed(value)
    : Object.entries(value)
        .filter(([, one]) => one !== null && !(Array.isArray(one) && one.length === 0))
        .map(([field, one]) => `${fieldName(field)} ${Array.isArray(one) ? '\n' : ''}${shownValue(field, one, names)}`)
        .join('\n')
  return text || '—'
}

/** The beginning of a long text, where there is no room for all of it. */
export function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

const TALLIED = ['span', 'grid', 'cohort', 'level', 'category', 'source']
/** What names a row best. */
export function rowTitle(row: Record<string, unknown> | null, names = NAMELESS): string {
  if (row === null) return ''
  // A count is named by what it is of.
  if ('span' in row) return TALLIED.filter((name) => row[name]).map((name) => shownValue(name, row[name], names)).join(' · ')
  const name = row.title ?? row.name ?? row.item
  const key = row.id ?? row.code ?? row.account ?? row.household ?? row.plan ?? row.member ?? row.place ?? row.emergency
  const person = key === row.member ? names.people.get(String(key)) : undefined
  const short = person ?? (typeof key === 'string' ? shortKey(key) : key)
  return [name, short].filter((one) => typeof one === 'string' && one !== '').join(' · ')
}

/** `task:0198…` as kind and the end of its id. */
export function streamName(stream: string): string {
  const [kind, ...rest] = stream.split(':')
  return `${kindName(kind ?? '')} ${shortKey(rest.join(':'))}`
}

/** The words of an event that say most about it. */
export function brief(data: Record<string, unknown>): string {
  // What was tried in vain: on which item, and why.
  if (typeof data.command === 'string' && typeof data.item === 'string')
    return [shownValue('command', data.command), streamName(data.item), data.code && shownValue('code', data.code)].filter(Boolean).join(' · ')
  if (Array.isArray(data.refused) && typeof data.account === 'string') return data.account
  for (const name of ['title', 'name', 'reason', 'note', 'detail', 'grade', 'household_class']) {
    const value = data[name]
    if (typeof value === 'string' && value !== '') return shownValue(name, value)
  }
  return ''
}
