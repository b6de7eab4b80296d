/** What the users of the local model talk about: a first question each, and what may follow on any of them. */
export const TOPICS: readonly { feature: string; question: string }[] = [
  { feature: 'cooking', question: 'How do I cook rice so that it does not stick?' },
  { feature: 'rivers', question: 'Which rivers flow into the Black Sea?' },
  { feature: 'code', question: 'What does a hash map do?' },
  { feature: 'gardening', question: 'When should I plant tomatoes?' },
  { feature: 'astronomy', question: 'Why does the moon have phases?' },
  { feature: 'letters', question: 'Write a short thank-you note to my neighbour.' },
]

export const FOLLOW_UPS: readonly string[] = [
  'Can you give me an example?',
  'Why is that?',
  'Say it again in one short sentence.',
  'And what should I avoid?',
]
