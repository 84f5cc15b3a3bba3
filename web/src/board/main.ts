import { mountFace } from '@/shared/app'
import messages from './messages'
import BoardPage from './BoardPage.vue'

mountFace({ name: 'board', root: BoardPage, messages })
