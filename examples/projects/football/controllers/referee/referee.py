"""Counts goals and brings the ball back. Uses Webots' interface."""
from controller import Supervisor

referee = Supervisor()
step = int(referee.getBasicTimeStep())
ball = referee.getFromDef('BALL')
place = ball.getField('translation')
start = [0.0, 0.0, 0.05]
score = {'red': 0, 'blue': 0}
still, last = 0.0, None


def show():
    referee.setLabel(0, 'red %d : %d blue' % (score['red'], score['blue']), 0.4, 0.02, 0.1, 0xffffff, 0, 'Arial')


referee.step(step)
show()
while referee.step(step) != -1:
    x, y, z = ball.getPosition()
    if abs(x) > 1.27 and abs(y) < 0.35:
        team = 'red' if x > 0 else 'blue'
        score[team] += 1
        print('Goal for %s after %.1f s: %d : %d' % (team, referee.getTime(), score['red'], score['blue']))
        show()
        place.setSFVec3f(start)
        ball.resetPhysics()
        still = 0.0
    elif last and abs(x - last[0]) + abs(y - last[1]) < 0.002:
        still += step / 1000.0
        if still > 8:
            print('The ball is stuck: kick-off again.')
            place.setSFVec3f(start)
            ball.resetPhysics()
            still = 0.0
    else:
        still = 0.0
    last = (x, y)
