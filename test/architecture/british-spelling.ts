/** Matches British spellings. Sources and documents are spelled the American way, as the APIs are. */
export const BRITISH =
  /(?:behaviour|[cC]olour|COLOUR|favour|honour|eighbour|judgement|learnt|catalogue|licence|artefact)|(?:[rR]ecogni|[sS]eriali|[iI]nitiali|[nN]ormali|[sS]ummari|[oO]ptimi|[mM]inimi|[mM]aximi|[oO]rgani|[aA]uthori|[aA]morti|[sS]ynthesi|[cC]ustomi|[sS]ynchroni)s(?:e[drs]?|ing|ation)(?![a-z])|(?:[cC]ancell|[mM]odell|[lL]abell|[sS]ignall|[tT]ravell)(?:ed(?!by)|ing)|[aA]nalyse[ds]?(?![a-z])|\b(?:[cC]entre|[dD]efence|[gG]rey|[tT]owards)\b/;
