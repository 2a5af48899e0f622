DIRNAME=P1_gg_ttx
