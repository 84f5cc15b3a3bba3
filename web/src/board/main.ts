import './first'
import { mountFace } from '@/shared/app'
import { awaitPicture } from '@/shared/picture'
import messages from './messages'
import BoardPage from './BoardPage.vue'

awaitPicture()
mountFace({ name: 'board', root: BoardPage, messages })
