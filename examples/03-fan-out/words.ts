/** Passwords that every published list of frequent ones begins with. */
export const WORDS =
  "password qwerty letmein dragon monkey football baseball master sunshine princess welcome shadow superman michael trustno1 iloveyou starwars".split(
    " ",
  );
