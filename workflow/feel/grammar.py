"""The grammar of FEEL for an LALR parser (DMN 10.3.1.2).

What tokens alone cannot settle is settled by the tokens' terminals: ``OPEN_RANGE`` and
``CLOSE_RANGE`` are outward brackets, ``NOT`` opens the negation of a whole cell of tests.
Where the parser may either go on or stop, it goes on: ``else a + b`` adds within the else.
"""

GRAMMAR = r"""
expression_start: expression
unary_start: MINUS                              -> anything
    | NOT "(" tests ")"                         -> negated_tests
    | tests

?expression: disjunction
?disjunction: conjunction
    | conjunction (OR conjunction)+                  -> junction
?conjunction: comparison
    | comparison (AND comparison)+                  -> junction
?comparison: additive
    | comparison comparator additive            -> comparison
    | comparison UNEQUAL additive               -> comparison
    | comparison "between" additive AND additive -> between
    | comparison "in" member_tests              -> membership
    | comparison INSTANCE_OF type               -> instance_of
comparator: COMPARE | EQUAL | LESS | MORE
member_tests: "(" test ("," test)+ ")"          -> tests
    | member_test                               -> tests
?member_test: additive | operator_test | unequal_test | "(" unequal_test ")"
unequal_test: UNEQUAL additive                  -> operator_test
?additive: multiplicative
    | multiplicative (add_operator multiplicative)+            -> chain
?multiplicative: power
    | power (multiply_operator power)+            -> chain
?power: negation
    | negation (POWER negation)+            -> chain
!add_operator: "+" | MINUS
!multiply_operator: "*" | "/"
?negation: MINUS negation                       -> negation
    | postfix
    | "if" expression "then" expression "else" expression       -> conditional
    | "for" iterations "return" expression      -> for_loop
    | quantifier iterations "satisfies" expression              -> quantified
    | "function" "(" [parameters] ")" [EXTERNAL] expression     -> function_definition
!quantifier: "some" | "every"
?postfix: primary
    | postfix "." NAME                          -> path
    | postfix "[" expression "]"                -> filter
    | postfix arguments                         -> call
?primary: NUMBER                                -> number
    | STRING                                    -> string
    | AT                                        -> temporal
    | "true"                                    -> true
    | "false"                                   -> false
    | "null"                                    -> null
    | NAME                                      -> name
    | INPUT                                     -> name
    | "(" expression ")"
    | "[" [expressions] "]"                     -> list_literal
    | "{" [entries] "}"                         -> context_literal
    | "[" expression ".." expression range_close          -> range_with_start
    | "(" expression ".." expression range_close          -> range_without_start
    | OPEN_RANGE expression ".." expression range_close   -> outward_range
    | "(" operator_test ")"
!range_close: ")" | "]" | CLOSE_RANGE

expressions: expression ("," expression)*
entries: entry ("," entry)*
entry: (NAME | STRING) ":" expression
iterations: iteration ("," iteration)*
iteration: NAME "in" expression [".." expression]
!arguments: "(" [argument ("," argument)*] ")"
!argument: [NAME ":"] expression
parameters: parameter ("," parameter)*
parameter: NAME [":" type]

tests: test ("," test)*
?test: operator_test | unequal_test | "(" unequal_test ")" | expression
operator_test: comparator additive
?type: NAME                                     -> named_type
    | NAME LESS type MORE                       -> generic_type
    | NAME LESS fields MORE                     -> context_type
    | "function" LESS [types] MORE "->" type    -> function_type
    | "function"                                -> any_function_type
fields: field ("," field)*
field: NAME ":" type
types: type ("," type)*

%declare NAME NUMBER STRING AT INPUT MINUS OR AND COMPARE UNEQUAL EQUAL LESS MORE POWER
%declare INSTANCE_OF NOT EXTERNAL OPEN_RANGE CLOSE_RANGE
"""
