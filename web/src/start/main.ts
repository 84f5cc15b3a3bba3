// The start: signs in, and goes on to the face on which the role begins its day.
import '@/shared/first'
import { mountFace } from '@/shared/app'
import StartPage from './StartPage.vue'

mountFace({ name: 'start', root: StartPage })
