// The words of this face.
import type { Messages } from '@/shared/i18n'

const messages: Messages = {
  'zh-CN': {
    phone: {
      tab: { tasks: '任务', report: '上报', inbox: '消息', outbox: '发件箱', settings: '设置' },
      bar: {
        offline: '没有网络，可以照常办理，恢复后自动发送。',
        away: '连接不上服务，正在重试。可以照常办理。',
        waiting: '{n} 条待发送，已存在本机。',
        stale: '内容停留在 {time}。',
        fast: '手机时间快了 {span}，上报时间已按服务器校正。请打开“自动设置时间”。',
        slow: '手机时间慢了 {span}，上报时间已按服务器校正。请打开“自动设置时间”。',
      },
      pending: '待发送',
      more: '显示最急的 {shown} 件，共 {total} 件',
      tasks: { empty: '没有要办的任务', toAccept: '待签收', toDo: '待办理', done: '等待中心' },
      task: {
        place: '{grid} · 办理期限 {due}',
        nothing: '现在不需要您办理。',
        extensionAsked: '已申请延期，等待中心答复。',
        refused: '“{step}”未被接受。',
        look: '查看原因',
      },
      step: {
        report: '上报事件', accept: '仅签收', begin: '签收并办理', handle: '开始办理', decline: '退单', submit: '反馈办结',
        'request-extension': '申请延期', read: '已读',
      },
      ask: { submit: '办理情况', decline: '退单原因', 'request-extension': '延期原因' },
      history: { title: '办理经过', arrived: '{time} 送达', photo: '现场照片' },
      report: {
        title: '上报事件', mend: '修改上报', category: '类别', what: '简要说明', optional: '可不填', grid: '网格',
        selfHandled: '已当场处置', how: '如何处置', more: '更多（等级、详细描述）', severity: '等级', description: '详细描述',
        send: '上报', storing: '正在保存…', needsCategory: '请选择类别。', noGrid: '您还没有网格岗位，不能上报。请联系管理员。',
        notKept: '草稿未能保存，手机空间可能不足。', notStored: '未能保存到手机，空间可能不足。您填写的内容都还在。',
      },
      place: { searching: '正在定位…', found: '已定位（误差 {m} 米）', kept: '已有位置', none: '没有位置（可不填）', look: '定位' },
      photo: {
        title: '照片', take: '拍照', choose: '从相册选择', alt: '第 {n} 张照片', away: '移除第 {n} 张照片', busy: '正在处理照片…',
        none: '这个文件不是可用的照片。', most: '最多 {n} 张照片。',
      },
      inbox: { empty: '没有消息', read: '全部标为已读（{n}）', new: '新' },
      state: { waiting: '待发送', sending: '发送中', sent: '已送达', refused: '未被接受' },
      outbox: {
        empty: '没有要发送的内容', idle: '稍后重试。', sending: '正在发送…', away: '连接不上服务，恢复后自动发送。',
        'signed-out': '请重新登录，登录后自动发送。', now: '立即发送', happened: '发生于 {time}', arrived: '{time} 送达',
        photos: '{n} 张照片', attempts: '已尝试 {n} 次', mend: '修改', again: '再次发送', discard: '丢弃', sure: '确认丢弃',
      },
      settings: {
        grids: '网格', time: '服务器时间', install: '在浏览器菜单中选择“添加到主屏幕”，即可像应用一样使用。',
        stays: '有 {n} 条内容尚未送达，退出后仍留在本机，您再次登录后继续发送。',
      },
    },
    problem: {
      'not-the-assignee': '这项任务由别人负责。',
      'task-assigned-to-another': '这项任务已指定给别人。',
      'item-is-overdue': '已超期，不能再申请延期。',
      'extensions-used-up': '延期次数已用完。',
      'extension-already-requested': '已申请过延期，等待答复。',
      'reason-missing': '请写明原因。',
      'case-is-dispute': '矛盾纠纷要进台账，不能当场处置了结。',
      'no-such-grid': '没有这个网格。',
      'photo-unusable': '照片无法读取，请重新拍摄。',
      'photo-too-large': '照片太大。',
      'too-many-photos': '照片太多：请先发送上报。',
    },
  },
  en: {
    phone: {
      tab: { tasks: 'Tasks', report: 'Report', inbox: 'Inbox', outbox: 'Outbox', settings: 'Settings' },
      bar: {
        offline: 'No network. Carry on: everything is sent once it is back.',
        away: 'The service can’t be reached; trying again. Carry on.',
        waiting: '{n} to be sent, safe on this phone.',
        stale: 'What you see is of {time}.',
        fast: 'This phone’s clock is {span} fast; times are put right by the service’s. Turn on “set time automatically”.',
        slow: 'This phone’s clock is {span} slow; times are put right by the service’s. Turn on “set time automatically”.',
      },
      pending: 'to be sent',
      more: 'The most urgent {shown} of {total}',
      tasks: { empty: 'No tasks for you', toAccept: 'To accept', toDo: 'To do', done: 'With the centre' },
      task: {
        place: '{grid} · due {due}',
        nothing: 'Nothing for you to do now.',
        extensionAsked: 'You asked for an extension; the centre will answer.',
        refused: '“{step}” was refused.',
        look: 'See why',
      },
      step: {
        report: 'Report', accept: 'Only accept', begin: 'Accept and begin', handle: 'Begin', decline: 'Decline', submit: 'Submit as done',
        'request-extension': 'Ask for an extension', read: 'Read',
      },
      ask: { submit: 'What was done', decline: 'Why it is not yours', 'request-extension': 'Why you need more time' },
      history: { title: 'What happened', arrived: 'arrived {time}', photo: 'Photo' },
      report: {
        title: 'Report a case', mend: 'Mend the report', category: 'Category', what: 'In a few words', optional: 'may be left empty', grid: 'Grid',
        selfHandled: 'Put right on the spot', how: 'How it was put right', more: 'More (grade, description)', severity: 'Grade', description: 'Description',
        send: 'Report', storing: 'Storing…', needsCategory: 'Choose a category.', noGrid: 'You have no post in a grid yet, so you can’t report. Ask the administrator.',
        notKept: 'The draft could not be kept; the phone may be full.', notStored: 'It could not be stored on the phone, which may be full. What you typed is still here.',
      },
      place: { searching: 'Finding the place…', found: 'Place found (± {m} m)', kept: 'Place known', none: 'No place (not needed)', look: 'Find' },
      photo: {
        title: 'Photos', take: 'Take', choose: 'Choose', alt: 'Photo {n}', away: 'Remove photo {n}', busy: 'Scaling the photo…',
        none: 'That file is no usable photo.', most: 'At most {n} photos.',
      },
      inbox: { empty: 'No messages', read: 'Mark all as read ({n})', new: 'new' },
      state: { waiting: 'Waiting', sending: 'Sending', sent: 'Arrived', refused: 'Refused' },
      outbox: {
        empty: 'Nothing to send', idle: 'Will be tried again soon.', sending: 'Sending…', away: 'The service can’t be reached; sent once it can.',
        'signed-out': 'Sign in again; then it is sent.', now: 'Send now', happened: 'Happened {time}', arrived: 'arrived {time}',
        photos: 'photos: {n}', attempts: 'attempts: {n}', mend: 'Mend', again: 'Send again', discard: 'Throw away', sure: 'Throw it away',
      },
      settings: {
        grids: 'Grids', time: 'Service’s time', install: 'Choose “Add to home screen” in the browser’s menu to use this like an app.',
        stays: '{n} not arrived yet: they stay on this phone and are sent once you sign in again.',
      },
    },
    problem: {
      'not-the-assignee': 'Somebody else is responsible for this task.',
      'task-assigned-to-another': 'This task was given to somebody else.',
      'item-is-overdue': 'It is overdue: too late to ask for an extension.',
      'extensions-used-up': 'No extensions are left.',
      'extension-already-requested': 'An extension has been asked for and is not decided yet.',
      'reason-missing': 'Give a reason.',
      'case-is-dispute': 'A dispute goes into the ledger; it can’t be put right on the spot.',
      'no-such-grid': 'There is no such grid.',
      'photo-unusable': 'The photo can’t be read; take it again.',
      'photo-too-large': 'The photo is too large.',
      'too-many-photos': 'Too many photos: send the reports first.',
    },
  },
}

export default messages
