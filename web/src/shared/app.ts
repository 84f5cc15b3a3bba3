// Puts a face together: language, theme, session, routes; the face itself only shows its pages.
import { createPinia } from 'pinia'
import { createApp, watch, type Component } from 'vue'
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { earlyAnswers } from './early'
import { type FaceName, FACES } from './faces'
import { addMessages, type Messages } from './i18n'
import { sayWhatIsLacking } from './lacking'
import FaceFrame from './parts/FaceFrame.vue'
import { useSession } from './session'
import './theme/tokens.css'
import './theme/theme'

export interface Face {
  name: FaceName | 'start'
  root: Component
  messages?: Messages
  routes?: RouteRecordRaw[]
}

/** Show a face. */
export function mountFace(face: Face): void {
  if (face.messages) addMessages(face.messages)
  sayWhatIsLacking()
  const base = face.name === 'start' ? '/ui/' : FACES[face.name].path
  const app = createApp(FaceFrame, { name: face.name, face: face.root })
  app.use(createPinia())
  const router = createRouter({
    history: createWebHistory(base),
    routes: face.routes ?? [{ path: '/:rest(.*)*', component: { render: () => null } }],
  })
  app.use(router)
  const session = useSession()
  void session.load()
  // Until it is known for whom and what for, the page's own sign of waiting stands.
  const mount = (): unknown => earlyAnswers(router.isReady()).then(() => app.mount('#face'))
  watch(() => session.state !== 'unknown', (known) => known && void mount(), { immediate: true })
}
