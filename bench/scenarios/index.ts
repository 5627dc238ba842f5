import type { Scenario } from '../scenario.js'
import { chatPage } from './chat-page.js'
import { download } from './download.js'
import { fanout } from './fanout.js'
import { growth } from './growth.js'
import { idle } from './idle.js'
import { page } from './page.js'
import { postBots } from './post-bots.js'
import { post } from './post.js'
import { rooms } from './rooms.js'
import { start } from './start.js'
import { storm } from './storm.js'
import { upload } from './upload.js'

/** Every scenario, in the order in which they are run. */
export const scenarios: Scenario[] = [post, postBots, page, fanout, rooms, idle, storm, upload, download, growth, start, chatPage]
