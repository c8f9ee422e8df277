"""Makes the models of triton_model_repo/ and the gateway's scoring.json. See README.md beside this file."""
