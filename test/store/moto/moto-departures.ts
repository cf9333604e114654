import type { StoreDepartures } from "../store-contract.ts";

const GUIDE = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide";
const API = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference";

/**
 * How moto ends a call that DynamoDB refuses with a ValidationException, and the document that says so. Valid calls do
 * not differ.
 */
export const motoDepartures: Partial<Record<keyof StoreDepartures, { ends: string; source: string }>> = {
  "read without a partition key": { ends: "taken", source: `${GUIDE}/Constraints.html` },
  "remove with a sort key that is too long": { ends: "taken", source: `${GUIDE}/Constraints.html` },
  // The limit also applies to the item that results from an update.
  "update that makes a row too large": { ends: "taken", source: `${GUIDE}/Constraints.html` },
  "claim with spending that is not a number": {
    ends: "taken",
    source: `${GUIDE}/HowItWorks.NamingRulesDataTypes.html`,
  },
  // moto answers with a page of HTML, which the SDK cannot parse.
  "claim from a size that is not a number": {
    ends: "SyntaxError",
    source: `${GUIDE}/HowItWorks.NamingRulesDataTypes.html`,
  },
  "list with limit 0": { ends: "taken", source: `${API}/API_Query.html` },
  "list from a higher key to a lower one": { ends: "taken", source: `${GUIDE}/Expressions.OperatorsAndFunctions.html` },
};
