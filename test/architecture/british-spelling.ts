/** Matches a word in British spelling. The project's spelling is American, like the names in JavaScript and AWS. */
export const BRITISH =
  /\w*(?:behaviour|colour|favour|honour|neighbour|(?:anal|catal)yse|catalogue|(?:cancel|label|model|signal|travel)l(?:ed|ing)\b|(?:al|er|ar|gn|im|it|mb|or|ron|an|ard)is(?:e[drs]?|ing|ation)\b)\w*|\b(?:centre|defence|grey|licences?|towards)\b/i;
