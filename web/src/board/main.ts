import { mountFace } from '@/shared/app'
import messages from './messages'
import BoardPage from './BoardPage.vue'
import '@/shared/theme/desk.css'

mountFace({ name: 'board', root: BoardPage, messages })
