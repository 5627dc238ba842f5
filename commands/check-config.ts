import { withoutSecrets } from '../config.js'
import type { Command } from './command.js'

export const checkConfig: Command = {
  operands: [],
  description: 'Reads the configuration and says what is wrong with it, or what it gives.',
  run: async ({ settings, print }) => {
    print(JSON.stringify(withoutSecrets(settings), null, 2))
    print('The configuration is valid.')
  }
}
