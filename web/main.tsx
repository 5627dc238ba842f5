import { render } from 'preact'
import { App } from './app.js'
import { keepFocus } from './focus.js'

keepFocus()
render(<App />, document.body)
