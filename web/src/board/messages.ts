// The words of this face.
import type { Messages } from '@/shared/i18n'

const messages: Messages = {
  'zh-CN': { board: { asOf: '截至 {time}（日志位置 {position}）', completion: '完成率', closure: '办结率' } },
  en: { board: { asOf: 'As of {time} (log position {position})', completion: 'Completion rate', closure: 'Closure rate' } },
}

export default messages
