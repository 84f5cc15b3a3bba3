// The words of this face.
import type { Messages } from '@/shared/i18n'

const messages: Messages = {
  'zh-CN': {
    admin: {
      page: { town: '网格', people: '人员', policy: '政策', accounts: '账号', deliveries: '通知投递' },
      town: '乡镇', townCode: '乡镇代码', townCodeHint: '9 位行政区划代码。', townName: '乡镇名称', found: '设立乡镇', first: '首次使用：先建好本镇',
      step: { 1: '设立本镇，划分网格。', 2: '登记人员，安排网格长、网格员等岗位。', 3: '为值班员、领导、审计、网格员开设账号。' },
      grids: '网格列表', departments: '部门', centre: '指挥中心', district: '区县', acts: '操作', change: '修改', rename: '更名', renameTown: '乡镇更名', keeps: '以往的记录保留当时的名称。', closed: '已撤销', closedToo: '含已撤销的', yes: '有', no: '无', choose: '请选择', optional: '（选填）', noneSuch: '没有符合条件的内容。', notFounded: '本镇尚未设立，请上级管理员先设立。',
      line: '第 {n} 行：', moreLines: '另有 {n} 行有误。', wrongLines: '有 {n} 行须先改正。', doesMany: '{does}（{n}）', idHint: '小写字母、数字和连字符，如 fire-office。',
      wrongTown: { digits: '须为 9 位数字。', outside: '须以您的管辖范围 {own} 开头。', there: '该代码的乡镇已经设立：{name}。' },
      wrong: {
        columns: '列数不对，或有空白。', long: '名称超过 200 个字。', code: '网格代码须为 15 位数字（或本镇以下的 6 位）。', outside: '代码不属于本镇。', twice: '重复。', drawn: '该网格已经划分。',
        id: '编号只能用小写字母、数字和连字符。',
      },
      grid: {
        draw: '划分网格', change: '修改网格', close: '撤销网格', closeWhat: '此后不再向该网格下发任务；未结事项照常办理，以往的数字不变。', full: '齐备',
        empty: '还没有划分网格。', count: '共 {n} 个网格。', code: '网格代码', name: '网格名称', village: '村居', boundary: '边界', vacant: '空缺岗位',
        lines: '每行一个网格：代码，名称，村居。可从表格中整块复制；代码可省去本镇的 {town}。', example: '001001，万顺村第一网格，万顺村',
      },
      boundary: {
        file: '导入边界（GeoJSON）', unread: '这不是可用的 GeoJSON 文件。', set: '已设置 {n} / {all} 个网格的边界。', unfit: '有 {n} 个图形不对应任何网格：每个图形的属性 code 须为网格代码。', noShapes: '文件中没有图形：须为 FeatureCollection，每个图形为 Polygon 或 MultiPolygon。', refused: '{name}：{why}',
      },
      department: {
        open: '设立部门', none: '还没有部门；事件可以派遣给部门。', noneOpen: '现有部门均已撤销。', name: '部门名称', id: '部门编号', cases: '未结事件', rename: '部门更名', again: '恢复', close: '撤销部门',
        closeWhat: '此后不再向该部门派遣事件，以往的数字不变；需要时可以恢复。', closeOpen: '其名下还有 {n} 件未结事件，由值班员继续办理或转办。',
      },
      person: {
        join: '登记人员', lines: '每行一人：姓名，编号（可不填）。可从表格中整块复制。', example: '王芳', seek: '按姓名、编号、网格查找', which: '哪些人员',
        only: { all: '全部人员', unposted: '没有岗位的', unheld: '没有账号的' }, empty: '还没有登记人员。', name: '姓名', id: '编号', posts: '岗位', account: '账号', unposted: '没有岗位',
        rename: '人员更名', renameHint: '只用于更正姓名或本人改名；换人须另行登记。以往的记录保留当时的姓名，账号随之显示新的姓名。', leave: '离任', leaveWhat: '其所有岗位随之空缺。账号须另行撤销；以往所做的一切仍记在其名下。原因以明文长期留存，勿写病情、家事。接收通知的地址仍保留，可由领导删除。', count: '{n} 人，共 {all} 人。',
      },
      post: { give: '安排岗位', end: '撤下岗位', endOf: '撤下岗位：{post}', endWhat: '该岗位随即空缺。', post: '岗位', place: '网格', duty: '职责', inTown: '此岗位属于{name}。' },
      duty: { patrol: '巡逻', mediator: '调解员', legal_guide: '法律明白人', party_member: '党员', volunteer: '志愿者' },
      account: {
        open: '开设账号', added: '账号已开设', firstOf: '{account} 的首次密码', role: '角色', everyRole: '全部角色', scope: '管辖范围', member: '人员', nobody: '不对应人员', name: '名称', id: '账号',
        idHint: '小写字母、数字、连字符和下划线，用于登录。', since: '开设于', password: '密码', tokens: '令牌', until: '至 {time}', forEver: '长期有效', revokeToken: '吊销', done: '已完成。', revoked: '已撤销',
        own: '这是您自己的账号：密码和双重验证在右上角“我的账号”中修改，撤销须由另一位管理员进行。', revokedToo: '含已撤销的', seek: '按账号、名称查找', ways: '登录方式', sessions: '登录中', identity: '统一认证平台', tokenCount: '{n} 个令牌', count: '{n} 个账号，共 {all} 个。',
      },
      delivery: {
        why: '经邮件、短信等渠道发往系统之外的通知；未能送达的可重试或放弃。系统内的消息不受影响。', allWell: '没有未送达的通知。', none: '这里没有内容。', state: '状态', urgent: '紧急', since: '时间', of: '内容', to: '收件人',
        channel: '渠道', attempts: '尝试次数', error: '最近的错误', brokeOff: '渠道出错（{one}）',
        errors: { 'not-taken': '渠道没有接收', 'address-missing': '收件人没有登记该渠道的地址', 'address-refused': '渠道设置或地址格式有误', 'channel-unknown': '服务没有配置该渠道', 'recipient-gone': '收件人已离任或不再使用该渠道', interrupted: '每次发送都被中断', timeout: '超时未得到答复' },
        retry: '重试', discard: '放弃', is: { dead: '未能送达', waiting: '等待发送', sending: '发送中', sent: '已送达', discarded: '已放弃' },
      },
      policy: {
        byNobody: '本镇尚未制定政策，现行默认值。', byTown: '现行{name}的第 {n} 版政策。', byCounty: '本镇尚未制定政策，现行区县的第 {n} 版政策。', why: '新版政策只用于此后开始的计时，未结事项仍按原版本；修改前可用 dispatch whatif 推演影响。',
        task_limits: '任务时限', case_limits: '事件时限', emergency_task_limits: '急时任务时限', emergency_case_limits: '急时事件时限', byDefault: '未设，用默认值。', category: '类别', grade: '等级',
        every: '全部类别', everyGrade: '全部等级', acceptance: '签收 / 受理', handling: '办理', unitOf: '{what}（单位）', add: '添加', drop: '移除', dropOf: '移除：{what}',
        kind: { working_hours: '{n|工作小时|工作小时}', working_days: '{n|工作日|工作日}', minutes: '{n|分钟|分钟}', clock_hours: '{n|小时|小时}', calendar_days: '{n|自然日|自然日}' },
        ladder: '督办阶梯', ladderHint: '用去时限的百分之几时，通知谁；100% 即到期。', step: '步骤', share: '时限用去', to: '通知', atOnce: '立即通知指挥长的等级：',
        addressee: { assignee: '责任人', chief: '网格长', full_time: '专职网格员', part_time: '兼职网格员', instructor: '网格指导员', leader: '分管领导', commander: '指挥长', district: '区级' },
        other: '其他', extensions: '最多延期次数', suspensions: '最多挂账次数', report: '双公示报送时限', mediation: '纠纷调解层级（自下而上）', noLevel: '至少保留一级。', working_time: '工作时间', timeHint: '如 08:00-12:00 14:00-18:00；一个工作日即各段之和。', noTime: '须按先后写明各段起止时刻，合计至少 1 小时。', visit: { high_risk: '高风险住户走访', key: '重点住户走访', general: '一般住户走访' },
        rhythm: { week: '每周一次', month: '每月一次', quarter: '每季度一次' }, days_off: '本镇另行休息的日期', workdays: '本镇调为工作日的日期', noDate: '这不是日期：{what}', nobody: '“{step}”须至少通知一人。',
        set: '制定为新版政策', setWhat: '每一版都留存在日志中。', isSet: '已制定第 {n} 版。', overtaken: '此间有人制定了新的一版政策。您填写的仍在这里；制定后将取代那一版。', renew: '改从现行政策开始', 
      },
      roleHint: {
        operator: '在调度台下发任务、办理事件。', supervisor: '看驾驶舱，回应督办，作批示。', worker: '在手机上接收任务、上报事件；须对应一名人员。', auditor: '查看日志、核对证明；不能兼任值班员或管理员。',
        administrator: '管理网格、人员和账号；不参与调度。',
      },
      passwordIs: { none: '未设密码', first: '首次密码（待修改）', own: '已设密码' },
      act: { password: '重置密码', tokens: '签发令牌', token: '吊销令牌', 'sessions/end': '结束其登录', 'second-factor/reset': '重置双重验证', 'identity/unlink': '解除统一身份关联', revoke: '撤销账号' },
      sure: {
        token: '用令牌 {token} 的设备或程序随即不能再访问，且不能恢复。',
        password: '原密码随即失效，其登录全部结束。本人和审计会收到通知。', 'sessions/end': '其所有登录随即结束，令牌仍有效。', 'second-factor/reset': '此后仅凭密码即可登录，直到重新设置；其登录全部结束。本人和审计会收到通知。',
        'identity/unlink': '其登录全部结束；下次从统一认证平台登录的身份将与此账号对应。', revoke: '此账号随即不能再做任何事，其密码和令牌全部失效，且不能恢复。所做的一切仍记录在案。原因以明文长期留存，勿写病情、家事。',
      },
      secret: {
        copied: '已复制', kept: '我已交给本人', stored: '我已妥善保存', passwordIs: '首次密码', tokenIs: '令牌', password: '只显示这一次。交给本人，首次登录时必须修改。', token: '只显示这一次。用于设备或程序，请妥善保管。',
      },
    },
  },
  en: {
    admin: {
      page: { town: 'Grids', people: 'People', policy: 'Policy', accounts: 'Accounts', deliveries: 'Deliveries' },
      town: 'Town', townCode: 'Town code', townCodeHint: 'The 9 digits of its administrative code.', townName: 'Name of the town', found: 'Found a town', first: 'First of all: set the town up',
      step: { 1: 'Found the town and draw its grids.', 2: 'Let people join and give them posts: chiefs, grid workers, instructors.', 3: 'Open accounts for operators, supervisors, auditors and grid workers.' },
      grids: 'Grids', departments: 'Departments', centre: 'Command centre', district: 'District', acts: 'Actions', change: 'Change', rename: 'Rename', renameTown: 'Rename the town', keeps: 'What was recorded keeps the name of then.', closed: 'Given up', closedToo: 'With those given up', yes: 'Yes', no: 'None', choose: 'Choose', optional: '(optional)', noneSuch: 'Nothing fits that.', notFounded: 'The town isn’t founded yet: an administrator of the town or above does so.',
      line: 'Line {n}: ', moreLines: '{n} further {n|line is|lines are} wrong.', wrongLines: '{n} {n|line has|lines have} to be put right first.', doesMany: '{does} ({n})', idHint: 'Small letters, digits and hyphens, such as fire-office.',
      wrongTown: { digits: 'A town’s code has 9 digits.', outside: 'It has to begin with your scope, {own}.', there: 'There is a town of that code already: {name}.' },
      wrong: {
        columns: 'a column is missing, or there is one too many.', long: 'a name is longer than 200 characters.', code: 'a grid’s code has 15 digits (or the last 6 of them).', outside: 'the code isn’t of this town.', twice: 'it is there twice.', drawn: 'this grid is drawn already.',
        id: 'an id has small letters, digits and hyphens only.',
      },
      grid: {
        draw: 'Draw grids', change: 'Change the grid', close: 'Give up the grid', closeWhat: 'Nothing new goes to it; what is open there goes on, and no past figure changes.', full: 'All filled',
        empty: 'No grids have been drawn yet.', count: '{n} {n|grid|grids}.', code: 'Code', name: 'Name', village: 'Village', boundary: 'Boundary', vacant: 'Vacant posts',
        lines: 'One grid a line: code, name, village. A block of a table can be pasted; the code may leave out the town’s {town}.', example: '001001, First grid of Wanshun, Wanshun',
      },
      boundary: {
        file: 'Import boundaries (GeoJSON)', unread: 'That is no GeoJSON file.', set: 'Boundaries set: {n} of {all}.', unfit: '{n} {n|shape belongs|shapes belong} to no grid: each has the grid’s code as its property “code”.', noShapes: 'There is no shape in the file: a FeatureCollection of polygons is wanted.', refused: '{name}: {why}',
      },
      department: {
        open: 'Open a department', none: 'There are none yet; cases can be dispatched to departments.', noneOpen: 'All of them were given up.', name: 'Name of the department', id: 'Its id', cases: 'Open cases', rename: 'Rename the department', again: 'Open again', close: 'Give up the department',
        closeWhat: 'No case is dispatched to it any more, and no past figure changes; it can be opened again.', closeOpen: ' It still has {n} open {n|case|cases}, which operators go on with or transfer.',
      },
      person: {
        join: 'Let people join', lines: 'One person a line: name, id (which may be left out). A block of a table can be pasted.', example: 'Wang Fang', seek: 'Find by name, id or grid', which: 'Which people',
        only: { all: 'Everybody', unposted: 'Without a post', unheld: 'Without an account' }, empty: 'Nobody has joined yet.', name: 'Name', id: 'Id', posts: 'Posts', account: 'Account', unposted: 'No post',
        rename: 'Rename the person', renameHint: 'For a mistyped or changed name of the same person; anybody else joins anew. What was recorded keeps the name of then; the account goes by the new one.', leave: 'Leave', leaveWhat: 'All posts become vacant. The account isn’t revoked by this: do so on its own. What was done stays under the name. The reason stays in clear for good: no illness, no family matters. Where notifications reached the person is kept until a supervisor erases it.', count: '{n} of {all} {all|person|people}.',
      },
      post: { give: 'Give a post', end: 'Take the post back', endOf: 'Take the post back: {post}', endWhat: 'It is vacant from now on.', post: 'Post', place: 'Grid', duty: 'Duty', inTown: 'This is a post in {name}.' },
      duty: { patrol: 'Patrol', mediator: 'Mediator', legal_guide: 'Legal guide', party_member: 'Party member', volunteer: 'Volunteer' },
      account: {
        open: 'Open an account', added: 'The account is open', firstOf: 'First password of {account}', role: 'Role', everyRole: 'Every role', scope: 'Scope', member: 'Person', nobody: 'No person', name: 'Name', id: 'Account',
        idHint: 'Small letters, digits, hyphens and underscores; one signs in with it.', since: 'Open since', password: 'Password', tokens: 'Tokens', until: 'until {time}', forEver: 'without end', revokeToken: 'Revoke', done: 'Done.', revoked: 'Revoked',
        own: 'This is your own account: change its password and second factor under “My account” above; another administrator has to revoke it.', revokedToo: 'With those revoked', seek: 'Find by account or name', ways: 'Signs in by', sessions: 'Signed in', identity: 'provider', tokenCount: '{n} {n|token|tokens}', count: '{n} of {all} {all|account|accounts}.',
      },
      delivery: {
        why: 'Notifications that leave the system by mail, text message and the like; what could not be delivered is tried again or given up. Messages within the system are not touched.', allWell: 'Nothing failed to be delivered.', none: 'There is nothing here.', state: 'State', urgent: 'urgent', since: 'Since', of: 'What', to: 'To whom',
        channel: 'Channel', attempts: 'Attempts', error: 'Last error', brokeOff: 'the channel failed ({one})',
        errors: { 'not-taken': 'the channel did not take it', 'address-missing': 'no address of the recipient for that channel', 'address-refused': 'the channel’s settings or the address are malformed', 'channel-unknown': 'the service has no such channel', 'recipient-gone': 'the recipient has left, or no longer takes that channel', interrupted: 'each attempt was interrupted', timeout: 'no answer in time' },
        retry: 'Try again', discard: 'Give up', is: { dead: 'Could not be delivered', waiting: 'Waiting', sending: 'On the way', sent: 'Delivered', discarded: 'Given up' },
      },
      policy: {
        byNobody: 'The town has set no policy; the defaults hold.', byTown: 'Version {n} of the policy of {name} is in force.', byCounty: 'The town has set no policy; version {n} of the county’s is in force.', why: 'A new version holds for clocks that start from then on; what is open keeps its own. “dispatch whatif” tells beforehand what a change would do.',
        task_limits: 'Limits of tasks', case_limits: 'Limits of cases', emergency_task_limits: 'Limits of tasks in emergency mode', emergency_case_limits: 'Limits of cases in emergency mode', byDefault: 'Not set: the defaults hold.', category: 'Category', grade: 'Grade',
        every: 'Every category', everyGrade: 'Every grade', acceptance: 'Acceptance', handling: 'Handling', unitOf: '{what} (unit)', add: 'Add', drop: 'Remove', dropOf: 'Remove: {what}',
        kind: { working_hours: 'working {n|hour|hours}', working_days: 'working {n|day|days}', minutes: '{n|minute|minutes}', clock_hours: '{n|hour|hours}', calendar_days: 'calendar {n|day|days}' },
        ladder: 'Ladder of escalation', ladderHint: 'Who hears when how much of the limit is used; at 100% it is due.', step: 'Step', share: 'Limit used', to: 'Who hears', atOnce: 'Grades of which the commander hears at once:',
        addressee: { assignee: 'assignee', chief: 'chief', full_time: 'full-time', part_time: 'part-time', instructor: 'instructor', leader: 'leader', commander: 'commander', district: 'district' },
        other: 'Other rules', extensions: 'Extensions at most', suspensions: 'Suspensions at most', report: 'Permits are published within', mediation: 'Disputes are mediated at, from below', noLevel: 'One level at least has to stay.', working_time: 'Working time', timeHint: 'Such as 08:00-12:00 14:00-18:00; a working day is as long as all of it.', noTime: 'Say from when until when, in order, an hour at least in all.', visit: { high_risk: 'High-risk households are visited', key: 'Key households are visited', general: 'Other households are visited' },
        rhythm: { week: 'once a week', month: 'once a month', quarter: 'once a quarter' }, days_off: 'The town’s own days off', workdays: 'The town’s own working days', noDate: 'No date: {what}', nobody: 'Somebody has to hear of “{step}”.',
        set: 'Set as the next version', setWhat: 'Each version stays in the log.', isSet: 'Version {n} is set.', overtaken: 'Meanwhile somebody set another version. What you typed is still here; set, it replaces that version.', renew: 'Begin from what is in force',
      },
      roleHint: {
        operator: 'Issues tasks and runs cases at the console.', supervisor: 'Watches the board, answers escalations, instructs.', worker: 'Takes tasks and reports cases by phone; needs a person.', auditor: 'Reads the log and checks proofs; can’t be operator or administrator, too.',
        administrator: 'Keeps grids, people and accounts; dispatches nothing.',
      },
      passwordIs: { none: 'no password', first: 'first password (to be changed)', own: 'password' },
      act: { password: 'Reset the password', tokens: 'Make a token', token: 'Revoke the token', 'sessions/end': 'End the sessions', 'second-factor/reset': 'Reset the second factor', 'identity/unlink': 'Unlink the provider', revoke: 'Revoke the account' },
      sure: {
        token: 'Whatever device or program uses {token} is kept out from now on, and that can’t be undone.',
        password: 'The old password is worth nothing then, and every session ends. The owner and the auditors are told.', 'sessions/end': 'It is signed out everywhere; its tokens stay good.', 'second-factor/reset': 'The password alone signs in until there is a new one; every session ends. The owner and the auditors are told.',
        'identity/unlink': 'Every session ends; who next signs in at the provider is linked to it.', revoke: 'It may do nothing from now on; its password and tokens are worth nothing, and that can’t be undone. What it did stays on record, and the reason in clear for good: no illness, no family matters.',
      },
      secret: {
        copied: 'Copied', kept: 'I have handed it over', stored: 'I have stored it', passwordIs: 'First password', tokenIs: 'Token', password: 'Shown this once. Hand it to its owner, who has to change it when first signing in.', token: 'Shown this once. For a device or a program: keep it safe.',
      },
    },
  },
}

export default messages
