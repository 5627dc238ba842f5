import { render } from 'preact'
import { App } from './app.js'
import { refuseDrops } from './drop.js'
import { keepFocus } from './focus.js'

keepFocus()
refuseDrops()
render(<App />, document.body)
