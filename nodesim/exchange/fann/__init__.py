"""Networks of FANN, the Fast Artificial Neural Network library."""
