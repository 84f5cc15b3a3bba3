// The words of this face.
import type { Messages } from '@/shared/i18n'

const messages: Messages = {
  'zh-CN': {
    start: {
      first: '首次使用：先建好本镇', why: '系统里还没有网格。按顺序完成以下各项，每一项都可用接口或命令行完成：', done: '已完成', todo: '未完成',
      how: '接口说明见 {address}', board: '前往驾驶舱', again: '刷新',
      step: {
        grids: '设立本镇，划分网格', people: '登记人员，安排岗位（网格长、网格员、指导员等）', accounts: '为值班员、领导、审计、网格员开设账号', policy: '按本镇制度设置时限、督办阶梯和休息日（不设则用默认值）',
      },
    },
  },
  en: {
    start: {
      first: 'First of all: set the town up', why: 'There are no grids yet. Do these in order; each is done over the API or the command line:', done: 'done', todo: 'to do',
      how: 'The API is described at {address}', board: 'Go to the live board', again: 'Refresh',
      step: {
        grids: 'Found the town and draw its grids', people: 'Let people join and give them posts (chiefs, grid workers, instructors …)', accounts: 'Open accounts for operators, supervisors, auditors and grid workers', policy: 'Set the town’s own limits, ladder of escalation and days off (else the defaults hold)',
      },
    },
  },
}

export default messages
