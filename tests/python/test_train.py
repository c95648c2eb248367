def test_tmp(make_run):
    run = make_run(eval_steps=3)
    code = run.train()
    print(run.log()); 
    for e in run.events(): print({k:v for k,v in e.items() if k not in('v','at','boot','by','attempt')})
    assert code == 0
    assert False
