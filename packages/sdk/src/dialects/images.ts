/** Images: made and edited. Only the GPT image models report tokens; pictures themselves are never looked at. */
import { formDialect } from './form-dialect.ts'

export const images = formDialect({
  name: 'images',
  operation: 'image',
  terminal: ['image_generation.completed', 'image_edit.completed'],
  countCharacters: () => 0,
})
