import compat from "eslint-plugin-compat";
import typescript from "typescript-eslint";

export default [...typescript.configs.strict, compat.configs["flat/recommended"]];
