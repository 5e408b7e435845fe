/** For how many days a new token lives; the empty one: until it is revoked. */
export const tokenLives = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: '', label: 'never' },
];

export const usualLife = '90';
